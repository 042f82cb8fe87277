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

    private int _fullHandshakes;
    private int _resumedHandshakes;

    public LoadTarget(IPEndPoint endPoint)
    {
        EndPoint = endPoint;

        // .NET keeps sessions by name: with one for each server, none is offered to a server that did not give it.
        var name = $"port{endPoint.Port}.test";
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

    public int FullHandshakes => _fullHandshakes;

    public int ResumedHandshakes => _resumedHandshakes;

    public void CountHandshake(bool isResumed) => Interlocked.Increment(ref isResumed ? ref _resumedHandshakes : ref _fullHandshakes);

    private static SslClientAuthenticationOptions CreateTls(string name, bool resumes) => new()
    {
        TargetHost = name,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        AllowTlsResume = resumes,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };
}
