import java.net.HttpURLConnection;
import java.net.URI;

class UrlConnection {
    public static void main(String[] arguments) throws Exception {
        for (var body : new String[] { null, null, "hello", null }) {
            var connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + arguments[0] + "/").toURL().openConnection();
            if (body != null) {
                connection.setDoOutput(true);
                connection.getOutputStream().write(body.getBytes());
            }
            System.out.print(connection.getResponseCode() + " " + new String(connection.getInputStream().readAllBytes()));
        }
    }
}
