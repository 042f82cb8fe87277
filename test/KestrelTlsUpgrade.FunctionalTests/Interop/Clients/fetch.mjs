for (const [method, body] of [['GET'], ['GET'], ['POST', 'hello'], ['GET']]) {
  const response = await fetch(`http://127.0.0.1:${process.argv[2]}/`, { method, body });
  process.stdout.write(`${response.status} ${await response.text()}`);
}
