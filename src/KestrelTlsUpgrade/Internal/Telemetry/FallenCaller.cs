using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>A caller that TLS has failed for.</summary>
/// <param name="Connection">The connection on which it failed.</param>
/// <param name="UserAgent">The User-Agent field of its request; empty if there was none.</param>
/// <param name="Host">The host of its request.</param>
/// <param name="Cause">Why.</param>
/// <param name="Until">Until when its optional offers are declined.</param>
/// <param name="IsFirst">Whether it is the first time under these settings.</param>
internal readonly record struct FallenCaller(
    ConnectionContext Connection,
    string UserAgent,
    string Host,
    FailureCause Cause,
    DateTimeOffset Until,
    bool IsFirst = true);
