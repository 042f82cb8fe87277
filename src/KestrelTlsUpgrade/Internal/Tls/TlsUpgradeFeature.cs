namespace KestrelTlsUpgrade.Internal.Tls;

internal sealed class TlsUpgradeFeature(TlsUpgradeState state, string? token, bool isReplayed, bool isAware, bool isConfirmed) : ITlsUpgradeFeature
{
    public static TlsUpgradeFeature DirectTls { get; } =
        new(TlsUpgradeState.DirectTls, null, isReplayed: false, isAware: false, isConfirmed: true);

    public TlsUpgradeState State => state;

    public string? Token => token;

    public bool IsReplayedRequest => isReplayed;

    public bool IsAwareClient => isAware;

    public bool IsConfirmedRequest => isConfirmed;

    public TlsUpgradeFeature AfterReplay() => new(state, token, isReplayed: false, isAware, isConfirmed: true);
}
