import http from 'node:http';

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function ask(method, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: process.argv[2], method, agent }, (response) => {
      let content = '';
      response.on('data', (chunk) => content += chunk);
      response.on('end', () => resolve(`${response.statusCode} ${content}`));
    });
    request.on('error', reject);
    request.on('upgrade', () => reject(new Error('taken for an upgrade')));
    request.end(body);
  });
}

for (const [method, body] of [['GET'], ['GET'], ['POST', 'hello'], ['GET']]) {
  process.stdout.write(await ask(method, body));
}

agent.destroy();
