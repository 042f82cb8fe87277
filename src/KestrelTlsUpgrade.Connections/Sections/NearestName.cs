namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>Finds the known name that is most like a misspelt one.</summary>
internal static class NearestName
{
    /// <summary>The nearest name, if at most a third of it differs.</summary>
    public static string? Find(string name, IEnumerable<string> names)
    {
        var nearest = names.MinBy(known => GetDistance(name, known));
        return nearest is not null && GetDistance(name, nearest) <= nearest.Length / 3 ? nearest : null;
    }

    /// <summary>The number of insertions, deletions and changes between two names, ignoring case.</summary>
    public static int GetDistance(string from, string to)
    {
        var distances = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = distances[0];
            distances[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var change = diagonal + (char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]) ? 0 : 1);
                diagonal = distances[j];
                distances[j] = Math.Min(change, Math.Min(distances[j], distances[j - 1]) + 1);
            }
        }

        return distances[^1];
    }
}
