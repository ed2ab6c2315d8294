// Watches one directory that has to be there, and says what to do if that fails. Match on `code`,
// never on the message.
import { NamespaceWatcher } from 'nlink';

const [directory = '/var/run/netns'] = process.argv.slice(2);
try {
  const watcher = await NamespaceWatcher.open({ directory, watchParent: false });
  console.log('watching', directory);
  await watcher.stop();
} catch (error) {
  switch (error.code) {
    case 'ENOENT':
      console.log('not there (yet): leave watchParent at true to wait for it');
      break;
    case 'ENOTDIR':
      console.log('a file: give the directory that holds the names');
      break;
    case 'EACCES':
      console.log('may not be read by this user');
      break;
    case 'EMFILE':
    case 'ENOSPC':
      console.log('a limit of the system:', error.message); // says which sysctl to raise
      break;
    case 'ERR_NLINK_INVALID_ARGUMENT':
      console.log('a fault of the caller:', error.message);
      break;
    default:
      throw error; // nothing that this program could do something about
  }
}
