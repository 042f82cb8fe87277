namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>A name was not resolved in time.</summary>
/// <param name="hasBegun">Whether the lookup had begun. If not, too many others were in progress.</param>
internal sealed class LookupTimeoutException(bool hasBegun) : Exception
{
    public TunnelOutcome Outcome => hasBegun ? TunnelOutcome.NameTimeout : TunnelOutcome.LookupsBusy;
}
