using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Says on Kestrel's own <c>kestrel.connection.duration</c> how a connection ended up.</summary>
internal static class ConnectionTags
{
    public static void Add(in ConnectionResult connection)
    {
        if (connection.Connection.Features.Get<IConnectionMetricsTagsFeature>()?.Tags is not { } tags)
        {
            return;
        }

        Add(tags, TagNames.Outcome, TagNames.Of(connection.Outcome));
        if (connection.Start is not TlsStart.None)
        {
            Add(tags, TagNames.Start, TagNames.Of(connection.Start));
        }

        if (connection.Cause is not FailureCause.None)
        {
            Add(tags, TagNames.ErrorType, FailureDescription.Of(connection.Cause).Tag);
        }
    }

    /// <summary>What Kestrel says itself stands. A tag that is there twice makes some exporters drop the measurement.</summary>
    private static void Add(ICollection<KeyValuePair<string, object?>> tags, string name, string value)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return;
            }
        }

        tags.Add(new(name, value));
    }
}
