using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>A server with the middleware answers whatever is not an accepted upgrade byte for byte as one without it.</summary>
public sealed class TransparencyTests(TransparencyServers servers) : IClassFixture<TransparencyServers>
{
    public static TheoryData<string> Names => [.. TransparencyCorpus.All.Keys];

    public static TheoryData<string> TlsNames => [.. TransparencyCorpus.Tls.Keys];

    /// <summary>What the middleware is for, with something behind it that ends a handshake.</summary>
    public static TheoryData<string> Accepted =>
    [
        RawConnectionUpgradeExtensions.Request() + RequestStream.End,
        RawConnectionUpgradeExtensions.Request("OPTIONS", "*") + RequestStream.End,
        RequestStream.Request("GET / HTTP/1.1") + RawConnectionUpgradeExtensions.Request() + RequestStream.End,
        "\u0016\u0003\u0001" + RequestStream.End,
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A15_Stream_SentWhole_AnsweredAsWithoutTheMiddleware(string name)
    {
        var comparison = await servers.CompareAsync(name, isSegmented: false);
        Assert.Equal(comparison.Without, comparison.With);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A15_Stream_SentInSegments_AnsweredAsWithoutTheMiddleware(string name)
    {
        var comparison = await servers.CompareAsync(name, isSegmented: true);
        Assert.Equal(comparison.Without, comparison.With);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task Comparison_UpgradeIsAccepted_FindsTheDifference(string text)
    {
        var stream = new RequestStream(nameof(Accepted), text);
        foreach (var segments in new[] { Segments.Whole(stream), Segments.Random(stream) })
        {
            var comparison = await servers.CompareAsync(segments);
            Assert.NotEqual(comparison.Without, comparison.With);
        }
    }

    /// <summary>No request line begins with the octet of a handshake record. Such a client is told so in TLS, if at all.</summary>
    [Theory]
    [MemberData(nameof(TlsNames))]
    public async Task Stream_OfTlsThatIsNoHandshake_AnsweredInTlsOrNotAtAll(string name)
    {
        var stream = TransparencyCorpus.Tls[name];
        foreach (var segments in new[] { Segments.Whole(stream), Segments.Random(stream) })
        {
            var comparison = await servers.CompareAsync(segments);
            Assert.Matches("^(\u0015\u0003\u0003\u0000\u0002\u0002.)?[(]closed[)]$", comparison.With);
            Assert.StartsWith("HTTP/1.1 4", comparison.Without);
        }
    }

    [Fact]
    public void Corpus_AllStreams_AreMany()
    {
        Assert.InRange(TransparencyCorpus.All.Count, 200, int.MaxValue);
        Assert.InRange(TransparencyCorpus.Tls.Count, 10, int.MaxValue);
    }
}
