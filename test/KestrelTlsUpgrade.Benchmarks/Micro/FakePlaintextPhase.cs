using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>A connection in clear text to an upgrade endpoint, as requests see it.</summary>
internal sealed class FakePlaintextPhase(UpgradePolicy policy) : IPlaintextPhase
{
    public UpgradePolicy? Policy => policy;

    public bool IsAdvertised { get; set; }

    public bool HasReadAhead() => false;

    public void SwitchTo(UpgradeRequest? upgrade) => throw new NotSupportedException();
}
