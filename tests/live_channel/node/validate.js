// Reads an AsyncAPI document from a file, prints what AsyncAPI's own parser says of it.
const { Parser } = require('@asyncapi/parser');

async function main() {
  const { document, diagnostics } = await new Parser().parse(require('fs').readFileSync(process.argv[2], 'utf8'));
  const told = diagnostics.map(({ message, path, severity, code }) => ({ message, path: path.join('/'), severity, code }));
  const operations = document === undefined ? null : document.operations().all().map(operation => ({
    id: operation.id(),
    action: operation.action(),
    address: operation.channels().all().map(channel => channel.address()),
    messages: operation.messages().all().map(message => message.id()),
    reply: operation.reply()?.messages().all().map(message => message.id()) ?? [],
  }));
  console.log(JSON.stringify({ diagnostics: told, operations }));
}

main();
