/** `nlink links --format dot` and `mermaid`: what is drawn, and what names may hold. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { links } from '../../../../src/cli/commands/links/links.ts';
import type { LinksEntry } from '../../../../src/format/link-row.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { givenBy } from '../../support/given.ts';
import { end, entryOf, host, linkOf, lo, named, veth } from '../../support/links.ts';

async function drawn(entries: LinksEntry[], format: string, ...words: string[]): Promise<string[]> {
  const io = new FakeIo();
  io.links = { ...io.links, entries };
  await links(givenBy('links', '--format', format, ...words), io);
  return io.stdout.lines;
}

test('dot: a cluster for each namespace, pairs once and without arrows', async () => {
  assert.deepEqual(await drawn(host(), 'dot'), [
    'digraph links {',
    '  rankdir=LR;',
    '  node [shape=box];',
    '  subgraph cluster_n0 {',
    '    label="blue";',
    '    n0i0 [label="eth0\\nveth"];',
    '    n0i1 [label="wg0\\nwireguard"];',
    '    n0i2 [label="alone\\nveth, no-carrier\\nno other end", style=filled, fillcolor=lightgray];',
    '    n0i3 [label="up\\nveth"];',
    '  }',
    '  subgraph cluster_n1 {',
    '    label="(this namespace)";',
    '    n1i0 [label="br0\\nbridge"];',
    '    n1i1 [label="vethb\\nveth"];',
    '    n1i2 [label="eth9\\ndown", style=filled, fillcolor=lightgray];',
    '    n1i3 [shape=point];',
    '  }',
    '  subgraph cluster_n2 {',
    '    label="docker 4f797c539e6c";',
    '    n2i0 [label="vlan7\\nvlan, lower-layer-down", style=filled, fillcolor=lightgray];',
    '    n2i1 [label="gre1\\ngre"];',
    '  }',
    '  subgraph cluster_n3 {',
    '    label="nsid:9 (closed)";',
    '    n3i0 [label="if7", style=dashed];',
    '  }',
    '  n0i0 -> n1i1 [dir=none, penwidth=2];',
    '  n0i3 -> n3i0 [dir=none, penwidth=2];',
    '  n1i1 -> n1i0 [style=dashed, arrowhead=none];',
    '  n2i0 -> n0i0 [style=solid];',
    '  n2i1 -> n1i3 [style=dotted];',
    '}',
  ]);
});

test('mermaid: the same as a flowchart', async () => {
  assert.deepEqual(await drawn(host(), 'mermaid'), [
    'flowchart LR',
    '  subgraph n0["blue"]',
    '    n0i0["eth0<br/>veth"]',
    '    n0i1["wg0<br/>wireguard"]',
    '    n0i2["alone<br/>veth, no-carrier<br/>no other end"]',
    '    n0i3["up<br/>veth"]',
    '  end',
    '  subgraph n1["(this namespace)"]',
    '    n1i0["br0<br/>bridge"]',
    '    n1i1["vethb<br/>veth"]',
    '    n1i2["eth9<br/>down"]',
    '    n1i3(( ))',
    '  end',
    '  subgraph n2["docker 4f797c539e6c"]',
    '    n2i0["vlan7<br/>vlan, lower-layer-down"]',
    '    n2i1["gre1<br/>gre"]',
    '  end',
    '  subgraph n3["nsid:9 (closed)"]',
    '    n3i0["if7"]',
    '  end',
    '  n0i0 === n1i1',
    '  n0i3 === n3i0',
    '  n1i1 --- n1i0',
    '  n2i0 --> n0i0',
    '  n2i1 -.-> n1i3',
    '  classDef off fill:#ddd,color:#000',
    '  class n0i2,n1i2,n2i0 off',
    '  classDef outside stroke-dasharray:4',
    '  class n1i3,n3i0 outside',
  ]);
});

test('of other namespaces only what the chosen ones lead to; nothing that was left out', async () => {
  const lines = await drawn(host(), 'dot', 'blue', '--exclude-link', 'wg0', '--exclude-link', 'alone');
  assert.deepEqual(
    lines.filter((line) => line.includes('label=')).map((line) => line.trim()),
    [
      'label="blue";',
      'n0i0 [label="eth0\\nveth"];',
      'n0i1 [label="up\\nveth"];',
      'label="(this namespace)";',
      'n1i0 [label="vethb", style=dashed];',
      'label="nsid:9 (closed)";',
      'n2i0 [label="if7", style=dashed];',
    ],
  );
  const without = await drawn(host(), 'dot', '--exclude-link', 'vethb', '--exclude-kind', 'bridge');
  assert.deepEqual(
    without.filter((line) => /vethb|br0|penwidth|dashed, arrow/.test(line)),
    ['  n0i2 -> n3i0 [dir=none, penwidth=2];'].map((line) => line.replace('n0i2', 'n0i3')),
  );
});

test('a name without links has a box; one without a name has none', async () => {
  const entries = [entryOf(named(1, 'empty'), [lo()]), entryOf({ ...named(2, 'x'), names: [] }, [lo()])];
  assert.deepEqual(await drawn(entries, 'dot'), [
    'digraph links {',
    '  rankdir=LR;',
    '  node [shape=box];',
    '  subgraph cluster_n0 {',
    '    label="empty";',
    '    n0i [style=invis];',
    '  }',
    '}',
  ]);
  assert.deepEqual(await drawn(entries, 'mermaid'), ['flowchart LR', '  subgraph n0["empty"]', '  end']);
});

/** What dot, Mermaid, HTML, Markdown and a terminal read in a name. */
const ODD = 'a"b\\N&lt;#35;<i>`\u001B[31m\n- 1. |}';

test('whatever names hold is text', async () => {
  const odd = named(1, ODD);
  const entries = [
    entryOf(odd, [veth(2, 'e"\\0', end(odd, 3, 'x'), { kind: 'k<b>' }), linkOf(3, '`x`')]),
    entryOf(named(2, '- list'), []),
    entryOf(named(3, '12. list'), []),
  ];
  const dot = await drawn(entries, 'dot');
  assert.deepEqual(
    dot.filter((line) => line.includes('label=')),
    [
      '    label="a\\"b\\\\N&amp;lt;#35;<i>`\\\\x1b[31m\\\\n- 1. |}";',
      '    n0i0 [label="e\\"\\\\0\\nk<b>"];',
      '    n0i1 [label="`x`"];',
      '    label="- list";',
      '    label="12. list";',
    ],
  );
  const mermaid = await drawn(entries, 'mermaid');
  assert.deepEqual(
    mermaid.filter((line) => line.includes('["')),
    [
      '  subgraph n0["a#34;b#92;N#38;lt#59;#35;35#59;#60;i#62;#96;#92;x1b#91;31m#92;n- 1. #124;#125;"]',
      '    n0i0["e#34;#92;0<br/>k#60;b#62;"]',
      '    n0i1["#96;x#96;"]',
      '  subgraph n1["#45; list"]',
      '  subgraph n2["12#46; list"]',
    ],
  );
});
