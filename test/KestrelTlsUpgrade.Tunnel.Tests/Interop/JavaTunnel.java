import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import java.net.Socket;

/** Fetches an https URI through a proxy, with the credentials and the class of the JDK that the arguments name. */
class JavaTunnel {
    public static void main(String[] arguments) throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new X509ExtendedTrustManager[] {new TrustAll()}, new SecureRandom());
        InetSocketAddress proxy = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
        Authenticator authenticator = arguments.length < 4 ? null : new Authenticator() {
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(arguments[2], arguments[3].toCharArray());
            }
        };
        if (arguments.length > 4 && arguments[4].equals("HttpURLConnection")) {
            HttpsURLConnection connection = (HttpsURLConnection) URI.create(arguments[1]).toURL().openConnection(new Proxy(Proxy.Type.HTTP, proxy));
            connection.setSSLSocketFactory(tls.getSocketFactory());
            connection.setHostnameVerifier((host, session) -> true);
            connection.setAuthenticator(authenticator);
            System.out.println(connection.getResponseCode() + " " + new String(connection.getInputStream().readAllBytes()));
            return;
        }

        HttpClient.Builder builder = HttpClient.newBuilder().proxy(ProxySelector.of(proxy)).sslContext(tls);
        HttpClient client = (authenticator == null ? builder : builder.authenticator(authenticator)).build();
        HttpResponse<String> response = client.send(
            HttpRequest.newBuilder(URI.create(arguments[1])).build(), HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.body());
    }

    private static final class TrustAll extends X509ExtendedTrustManager {
        public void checkClientTrusted(X509Certificate[] chain, String type) {}
        public void checkServerTrusted(X509Certificate[] chain, String type) {}
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}
        public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
    }
}
