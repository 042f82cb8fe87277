using BenchmarkDotNet.Attributes;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Sniffing;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>Once for each connection: what its first segment is.</summary>
public class FirstSegmentBenchmarks
{
    private readonly UpgradePolicy _policy = Samples.CreatePolicy();

    [Benchmark]
    public bool ClassifyPlaintext() =>
        FirstBytes.Classify(Samples.PlainHead) is ArrivalKind.Plaintext && FirstBytes.FindUpgradeHead(Samples.PlainHead.FirstSpan) == 0;

    [Benchmark]
    public bool ClassifyTls() => FirstBytes.Classify(Samples.ClientHello) is ArrivalKind.Tls;

    [Benchmark]
    public bool ClassifyUpgrade() =>
        FirstBytes.Classify(Samples.UpgradeHead) is ArrivalKind.Plaintext && FirstBytes.FindUpgradeHead(Samples.UpgradeHead.FirstSpan) > 0;

    [Benchmark]
    public object? ReadUpgrade() => UpgradeHeadReader.Read(Samples.UpgradeHead, _policy);
}
