using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>A server as clients see it, with the same requests and the same offer of TLS for each.</summary>
internal sealed class LoadTarget
{
    /// <summary>The length of an upload, in bytes.</summary>
    public const int UploadLength = 100_000_000;

    /// <param name="endPoint">Where it listens.</param>
    /// <param name="name">The host that is asked for. .NET keeps the last TLS session for each.</param>
    public LoadTarget(IPEndPoint endPoint, string name = "localhost")
    {
        EndPoint = endPoint;
        SmallRequest = Create("GET /x", "");
        LargeRequest = Create("GET /large", "");
        UploadRequest = Create("POST /x", $"Content-Length: {UploadLength}\r\n");
        UpgradeRequest = Create("GET /x", "Upgrade: TLS/1.3, TLS/1.2\r\nConnection: Upgrade\r\n");
        FullTls = CreateTls(name, resumes: false);
        ResumingTls = CreateTls(name, resumes: true);

        byte[] Create(string what, string fields) => Encoding.ASCII.GetBytes($"{what} HTTP/1.1\r\nHost: {name}\r\n{fields}\r\n");
    }

    public IPEndPoint EndPoint { get; }

    public byte[] SmallRequest { get; }

    public byte[] LargeRequest { get; }

    public static int LargeLength => BenchmarkServer.LargeLength;

    public byte[] UploadRequest { get; }

    public byte[] UpgradeRequest { get; }

    public SslClientAuthenticationOptions FullTls { get; }

    public SslClientAuthenticationOptions ResumingTls { get; }

    /// <summary>How many handshakes made a new session.</summary>
    public int FullHandshakes { get; private set; }

    /// <summary>How many handshakes resumed one.</summary>
    public int ResumedHandshakes { get; private set; }

    /// <summary>Is for one connection at a time where the counts matter.</summary>
    public void CountHandshake(bool isResumed)
    {
        if (isResumed)
        {
            ResumedHandshakes++;
        }
        else
        {
            FullHandshakes++;
        }
    }

    private static SslClientAuthenticationOptions CreateTls(string name, bool resumes) => new()
    {
        TargetHost = name,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        AllowTlsResume = resumes,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };
}
