using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Tags Kestrel's <c>kestrel.connection.duration</c> with the result of the connection.</summary>
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

    /// <summary>Never replaces a tag that Kestrel has set. Some exporters drop a measurement with duplicate tags.</summary>
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
