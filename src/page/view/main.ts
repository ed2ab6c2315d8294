/** Where the page begins. */
import { html, render } from 'lit-html';

const page = document.getElementById('page');
if (page !== null) render(html`<h1>nlink</h1>`, page);
