using BenchmarkDotNet.Attributes;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>Once for each offer: the token to switch to.</summary>
public class NegotiationBenchmarks
{
    private readonly UpgradePolicy _policy = Samples.CreatePolicy();

    [Params("TLS/1.2", "TLS/1.2,TLS/1.1,TLS/1.0", "websocket")]
    public string Upgrade { get; set; } = "";

    [Benchmark]
    public int SelectToken()
    {
        var offer = default(UpgradeOffer);
        offer.Add(Upgrade);
        _policy.Judge(offer, "printer.example", out var token);
        return (int)token;
    }
}
