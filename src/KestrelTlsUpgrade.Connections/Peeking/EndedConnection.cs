using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Connections.Peeking;

/// <summary>A connection that closes before it sends anything, and so never reaches Kestrel's HTTP.</summary>
internal static class EndedConnection
{
    /// <summary>Adds the tags to its duration that Kestrel's HTTP would have added.</summary>
    public static void Tag(ConnectionContext connection, bool isTimedOut)
    {
        if (connection.Features.Get<IConnectionMetricsTagsFeature>()?.Tags is not { } tags)
        {
            return;
        }

        tags.Add(new("network.protocol.name", "http"));
        tags.Add(new("network.protocol.version", "1.1"));
        if (isTimedOut)
        {
            tags.Add(new("error.type", "keep_alive_timeout"));
        }
    }
}
