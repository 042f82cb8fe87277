namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>How a connection began.</summary>
/// <param name="Kind">What the first bytes say.</param>
/// <param name="IsSilent">Whether no byte came.</param>
internal readonly record struct ArrivedConnection(ArrivalKind Kind, bool IsSilent = false);
