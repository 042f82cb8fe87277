namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>The result of sniffing a connection.</summary>
/// <param name="Kind">The protocol that the first bytes indicate.</param>
/// <param name="IsSilent">Whether the connection sent no byte.</param>
internal readonly record struct ArrivedConnection(ArrivalKind Kind, bool IsSilent = false);
