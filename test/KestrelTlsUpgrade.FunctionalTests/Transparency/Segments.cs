namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>How a stream is cut into pieces that are sent one by one.</summary>
internal static class Segments
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Whole(RequestStream stream) => [stream.Bytes];

    /// <summary>
    /// Cuts at places that are random, but the same in every run. Not behind Expect: Kestrel sends 100 (Continue) only if no
    /// content has arrived by the time it is asked for, which must not be left to chance.
    /// </summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Random(RequestStream stream)
    {
        var random = new Random(RequestStream.Seed(stream.Name));
        var segments = new List<ReadOnlyMemory<byte>>();
        var rest = stream.Bytes;
        var expect = rest.Span.IndexOf("Expect:"u8);
        var uncut = expect < 0 ? 1 : rest.Length - expect;
        while (rest.Length > uncut && segments.Count < 40)
        {
            var longest = random.Next(3) switch
            {
                0 => 2,
                1 => 24,
                _ => Math.Max(24, rest.Length / 2),
            };
            var length = random.Next(1, Math.Min(longest, rest.Length - uncut) + 1);
            segments.Add(rest[..length]);
            rest = rest[length..];
        }

        segments.Add(rest);
        return segments;
    }
}
