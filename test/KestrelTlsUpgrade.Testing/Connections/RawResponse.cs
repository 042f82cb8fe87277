namespace KestrelTlsUpgrade.Testing;

/// <summary>A response as it came over the wire.</summary>
internal sealed record RawResponse(string StatusLine, IReadOnlyList<(string Name, string Value)> Fields, string Content)
{
    public int Status => int.Parse(StatusLine.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The value of a field, its lines combined; <see langword="null"/> if it is not there.</summary>
    public string? this[string name]
    {
        get
        {
            var values = Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value).ToArray();
            return values.Length == 0 ? null : string.Join(", ", values);
        }
    }
}
