import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

class JavaNetHttp {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newBuilder().version(HttpClient.Version.valueOf(arguments[1])).build();
        for (var body : new String[] { null, null, "hello", null }) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + arguments[0] + "/"));
            request = body == null ? request.GET() : request.POST(BodyPublishers.ofString(body));
            var response = client.send(request.build(), BodyHandlers.ofString());
            System.out.print(response.statusCode() + " " + response.body());
        }
    }
}
