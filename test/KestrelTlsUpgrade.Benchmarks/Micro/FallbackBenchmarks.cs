using System.Net;
using BenchmarkDotNet.Attributes;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>Once for each optional offer: whether TLS is known to work for the caller.</summary>
public class FallbackBenchmarks
{
    private readonly FallbackMemory _memory = new(TimeSpan.FromHours(1), TimeProvider.System);
    private readonly IPEndPoint _caller = new(IPAddress.Parse("192.0.2.7"), 4000);
    private readonly UpgradeRequest _request = new(
        UpgradeToken.Tls12,
        "printer.example",
        "GET /status HTTP/1.1\r\nHost: printer.example\r\nAccept: */*\r\nUser-Agent: Apache-HttpClient/5.4.1 (Java/17.0.2)\r\n\r\n"u8.ToArray(),
        isFirst: true);

    [GlobalSetup]
    public void LearnCallers()
    {
        for (var i = 0; i < FallbackTable.Capacity / 4; i++)
        {
            Succeed(new(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), 1));
        }

        Succeed(_caller);
    }

    [Benchmark]
    public int JudgeKnownCaller() => (int)_memory.Judge(_caller, _request);

    private void Succeed(IPEndPoint caller)
    {
        _memory.Judge(caller, _request);
        _memory.Succeed(_request.Trial!);
    }
}
