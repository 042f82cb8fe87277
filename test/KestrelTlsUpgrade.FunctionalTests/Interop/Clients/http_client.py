import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for method, body in [("GET", None), ("GET", None), ("POST", "hello"), ("GET", None)]:
    connection.request(method, "/", body)
    response = connection.getresponse()
    print(response.status, response.read().decode(), end="")
