using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Internal.Arrival;

/// <summary>How a connection began, and the upgrade that it asked for if it did.</summary>
/// <param name="Kind">What the first bytes say.</param>
/// <param name="Upgrade">The accepted upgrade, for <see cref="ArrivalKind.Upgrade"/>.</param>
/// <param name="HeadLength">The bytes that are used up: those of the upgrade's head.</param>
/// <param name="IsSilent">Whether no byte came.</param>
internal readonly record struct ArrivedConnection(
    ArrivalKind Kind, UpgradeRequest? Upgrade = null, int HeadLength = 0, bool IsSilent = false);
