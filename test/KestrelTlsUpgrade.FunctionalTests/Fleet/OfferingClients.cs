using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>
/// Clients on the JVM that do on the wire what Apache HttpClient 5.4.1 does: an offer with each GET in clear text, and no falling back.
/// </summary>
public sealed class OfferingClients : IAsyncDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly ConcurrentDictionary<string, TaskCompletionSource<CallOutcome>> _asked = new();
    private readonly CertificateFiles _files = new();
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task _reading;
    private int _lastId;

    public OfferingClients()
    {
        Peers.Require("java");
        var program = Path.Combine(AppContext.BaseDirectory, "Fleet", "Callers", "OfferingClient.java");
        var trusted = _files.WritePem("trusted.pem", Trusted);
        var other = _files.WritePem("other.pem", TestCertificates.Other);
        _process = Process.Start(new ProcessStartInfo("java", ["-Xshare:auto", "-XX:TieredStopAtLevel=1", program, trusted, other])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.StandardInput.AutoFlush = true;
        _errors = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        _reading = ReadAsync();
    }

    /// <summary>The certificate that those trust that trust one. It names a host, and no address.</summary>
    internal X509Certificate2 Trusted { get; } = TestCertificates.Create("localhost", ServerAuthentication, includeAddresses: false, "localhost");

    /// <summary>Asks for something.</summary>
    /// <param name="check">How the certificate is checked.</param>
    /// <param name="keeps">Whether it is one of the kept connections.</param>
    /// <param name="userAgent">Who it says it is.</param>
    /// <param name="uri">What is asked for.</param>
    internal Task<CallOutcome> AskAsync(CertificateCheck check, bool keeps, string userAgent, string uri) =>
        AskAsync(check, keeps ? "kept" : "new", userAgent, uri);

    /// <summary>Asks for something twice on a new connection.</summary>
    internal Task<CallOutcome> AskTwiceAsync(CertificateCheck check, string userAgent, string uri) => AskAsync(check, "twice", userAgent, uri);

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _files.Dispose();
        Trusted.Dispose();
    }

    private async Task<CallOutcome> AskAsync(CertificateCheck check, string connection, string userAgent, string uri)
    {
        var id = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<CallOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        lock (_process)
        {
            _process.StandardInput.WriteLine(string.Join('\t', id, check.ToString().ToLowerInvariant(), connection, userAgent, uri));
        }

        return await answer.Task.WaitAsync(RawConnection.Patience);
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            var parts = line.Split('\t', 3);
            var outcome = parts[1] == "failed"
                ? new CallOutcome(CallOutcomeKind.Failed, parts[2])
                : CallOutcome.Of(int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
            _asked.TryRemove(parts[0], out var answer);
            answer!.SetResult(outcome);
        }

        var errors = await _errors;
        foreach (var answer in _asked.Values)
        {
            answer.TrySetException(new InvalidOperationException($"java has ended. {errors}"));
        }
    }
}
