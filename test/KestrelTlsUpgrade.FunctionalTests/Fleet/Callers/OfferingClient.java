import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.*;
import java.util.*;
import java.util.concurrent.*;
import javax.net.ssl.*;

/**
 * Does on the wire what Apache HttpClient 5.4.1 does by default: it offers TLS with each GET on a plaintext connection, follows a 101 with a
 * handshake that checks certificate and name, keeps its connections, and never falls back.
 *
 * Reads requests from standard input, a line each: an id, how it checks the server, the connection ("new", "kept", or "twice" for a new one on
 * which it asks twice), the User-Agent and a URI, separated by tabs. Writes a line for each: the id, the status or "failed", and the content or
 * the reason.
 */
class OfferingClient {
    private static final Map<String, Deque<Connection>> idle = new ConcurrentHashMap<>();
    private static SSLContext trusting;
    private static SSLContext distrusting;

    public static void main(String[] arguments) throws Exception {
        trusting = createContext(Path.of(arguments[0]));
        distrusting = createContext(Path.of(arguments[1]));
        var workers = Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
        });
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = input.readLine()) != null;) {
            var request = line.split("\t");
            workers.execute(() -> answer(request));
        }
    }

    private static SSLContext createContext(Path certificate) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var content = Files.newInputStream(certificate)) {
            store.setCertificateEntry("server", CertificateFactory.getInstance("X.509").generateCertificate(content));
        }

        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static void answer(String[] request) {
        String line;
        try {
            line = ask(request[1], request[2], request[3], URI.create(request[4]));
        } catch (Exception exception) {
            line = "failed\t" + exception.toString().replaceAll("\\s+", " ");
        }

        synchronized (System.out) {
            System.out.println(request[0] + "\t" + line);
            System.out.flush();
        }
    }

    private static String ask(String check, String use, String userAgent, URI uri) throws Exception {
        var keeps = use.equals("kept");
        var pool = idle.computeIfAbsent(check + userAgent + uri.getAuthority(), key -> new ConcurrentLinkedDeque<>());
        var connection = keeps ? pool.pollFirst() : null;
        if (connection == null) {
            connection = new Connection(new Socket(InetAddress.getLoopbackAddress(), uri.getPort()));
        }

        try {
            var answer = connection.ask(check, userAgent, uri);
            if (use.equals("twice")) {
                answer = connection.ask(check, userAgent, uri);
            }

            if (keeps) {
                pool.addFirst(connection);
            } else {
                connection.close();
            }

            return answer;
        } catch (Exception exception) {
            connection.discard();
            throw exception;
        }
    }

    private static class Connection {
        private final Socket transport;
        private Socket socket;
        private InputStream input;

        Connection(Socket socket) throws IOException {
            transport = socket;
            use(socket);
        }

        String ask(String check, String userAgent, URI uri) throws IOException {
            var offer = socket instanceof SSLSocket ? "" : "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n";
            var request = "GET " + uri.getRawPath() + " HTTP/1.1\r\nAccept-Encoding: gzip, x-gzip, deflate\r\nHost: " + uri.getAuthority()
                + "\r\nConnection: keep-alive\r\nUser-Agent: " + userAgent + "\r\n" + offer + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            var head = readHead();
            if (head.get(0).startsWith("HTTP/1.1 101 ")) {
                startTls(check, uri);
                head = readHead();
            }

            return head.get(0).split(" ")[1] + "\t" + readContent(head);
        }

        void close() throws IOException {
            socket.close();
            transport.close();
        }

        /** With a reset, as a connection that failed is discarded. */
        void discard() {
            try {
                transport.setSoLinger(true, 0);
                transport.close();
            } catch (IOException exception) {
                // It has ended already.
            }
        }

        private void startTls(String check, URI uri) throws IOException {
            var context = check.equals("distrusting") ? distrusting : trusting;
            var tls = (SSLSocket) context.getSocketFactory().createSocket(socket, uri.getHost(), uri.getPort(), false);
            var parameters = tls.getSSLParameters();
            var checksLast = check.equals("after") || check.equals("longafter");
            if (!checksLast) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }

            tls.setSSLParameters(parameters);
            try {
                tls.startHandshake();
                if (checksLast) {
                    if (check.equals("longafter")) {
                        Thread.sleep(500);
                    }

                    checkName(tls, uri.getHost());
                }
            } catch (InterruptedException exception) {
                throw new InterruptedIOException();
            } catch (IOException exception) {
                try {
                    tls.close();
                } catch (IOException closing) {
                    // What failed first counts.
                }

                throw exception;
            }

            use(tls);
        }

        /** As a HostnameVerifier does: when the handshake is over. */
        private static void checkName(SSLSocket tls, String host) throws IOException {
            try {
                var names = ((X509Certificate) tls.getSession().getPeerCertificates()[0]).getSubjectAlternativeNames();
                if (names.stream().noneMatch(name -> host.equals(name.get(1)))) {
                    throw new SSLPeerUnverifiedException("Certificate for <" + host + "> doesn't match any of the subject alternative names: " + names);
                }
            } catch (CertificateParsingException exception) {
                throw new SSLPeerUnverifiedException(exception.toString());
            }
        }

        private void use(Socket socket) throws IOException {
            this.socket = socket;
            input = new BufferedInputStream(socket.getInputStream());
        }

        private List<String> readHead() throws IOException {
            var lines = new ArrayList<String>();
            while (true) {
                var line = readLine();
                if (line.isEmpty()) {
                    return lines;
                }

                lines.add(line);
            }
        }

        private String readLine() throws IOException {
            var line = new StringBuilder();
            for (int octet; (octet = input.read()) != '\n';) {
                if (octet < 0) {
                    throw new EOFException("The target server failed to respond");
                }

                if (octet != '\r') {
                    line.append((char) octet);
                }
            }

            return line.toString();
        }

        private String readContent(List<String> head) throws IOException {
            var content = new StringBuilder();
            var length = find(head, "content-length");
            if (length != null) {
                content.append(new String(input.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8));
            } else if ("chunked".equals(find(head, "transfer-encoding"))) {
                for (int size; (size = Integer.parseInt(readLine(), 16)) > 0; readLine()) {
                    content.append(new String(input.readNBytes(size), StandardCharsets.UTF_8));
                }

                readLine();
            }

            return content.toString().replaceAll("\\s+", " ");
        }

        private static String find(List<String> head, String name) {
            return head.stream().skip(1).filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).trim()).findFirst().orElse(null);
        }
    }
}
