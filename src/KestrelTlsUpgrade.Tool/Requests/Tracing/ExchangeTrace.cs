using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Tool.Reporting;

namespace KestrelTlsUpgrade.Tool.Requests.Tracing;

/// <summary>Shows an exchange: <c>*</c> for events, <c>&gt;</c> for sent data, <c>&lt;</c> for received data.</summary>
internal sealed class ExchangeTrace(TextWriter writer)
{
    private readonly Lock _lock = new();

    public void Connected(DnsEndPoint asked, EndPoint address) => Write($"* connected to {asked.Host} port {asked.Port} ({Probing.AddressText.Of(address)})");

    /// <summary>Whether a connection has switched to TLS.</summary>
    public bool HasTlsBegun { get; private set; }

    public void TlsBegins()
    {
        HasTlsBegun = true;
        Write("* TLS begins");
    }

    public void HeadLine(bool isSent, string line) => Write($"{Mark(isSent)} {PrintableText.Of(line)}".TrimEnd());

    /// <summary>Shows the head of a request that is sent with HTTP/2, where it is not text.</summary>
    public void Http2Head(HttpRequestMessage request)
    {
        foreach (var line in MessageHead.LinesOf(request))
        {
            HeadLine(isSent: true, line);
        }
    }

    /// <summary>Shows the head of a response that was received with HTTP/2.</summary>
    public void Http2Head(HttpResponseMessage response)
    {
        foreach (var line in MessageHead.LinesOf(response))
        {
            HeadLine(isSent: false, line);
        }
    }

    public void Content(bool isSent, int length) => Write(string.Create(CultureInfo.InvariantCulture, $"{Mark(isSent)} [{length} bytes of content]"));

    public void Handshake(SslStream? tls, X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (tls is not null)
        {
            var protocol = tls.NegotiatedApplicationProtocol.Protocol.IsEmpty ? "no ALPN" : $"ALPN {tls.NegotiatedApplicationProtocol}";
            Write($"* {Probing.TlsVersions.NameOf(tls.SslProtocol)}, {tls.NegotiatedCipherSuite}, {PrintableText.Of(protocol)}");
        }

        if (certificate is null)
        {
            Write("* the server has no certificate");
            return;
        }

        Write($"* certificate {PrintableText.Of(certificate.Subject)}, issued by {PrintableText.Of(certificate.Issuer)}");
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"* valid {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm}Z to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}Z; {(errors is SslPolicyErrors.None ? "trusted" : $"not trusted: {errors}")}"));
    }

    /// <summary>Describes the connection that the response came over.</summary>
    public void ConnectionUsed(TlsUpgradeInfo info) => Write(info.IsUpgraded
        ? $"* received over TLS, upgraded to {PrintableText.Of(info.Token!)}{(info.IsTunnelled ? " in a tunnel" : "")}{(info.IsRequestConfirmed ? ", request confirmed" : "")}"
        : "* received without an upgrade");

    private void Write(string line)
    {
        lock (_lock)
        {
            writer.WriteLine(line);
        }
    }

    private static char Mark(bool isSent) => isSent ? '>' : '<';
}
