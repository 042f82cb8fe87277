using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Tests.Negotiation;

/// <summary>A version that is half filled in is found here, and never on a connection.</summary>
public sealed class TlsVersionTests
{
    [Fact]
    public void All_HasARowForEveryToken_InOrder()
    {
        UpgradeToken[] tokens = [.. Enum.GetValues<UpgradeToken>().Where(static token => token is not (UpgradeToken.None or UpgradeToken.AnyTls))];
        Assert.Equal(tokens, TlsVersion.All.Select(static version => UpgradeTokenText.Parse(version.Token)));
        Assert.Equal(tokens, TlsVersion.All.Select(static version => Enum.Parse<UpgradeToken>($"Tls{version.Number.Replace(".", "", StringComparison.Ordinal)}")));
        Assert.Equal(tokens[^1], UpgradeTokenText.Highest);
    }

    [Fact]
    public void All_Versions_AreOneEachAndAscend()
    {
        Assert.Equal(TlsVersion.All, TlsVersion.All.OrderBy(static version => version.Wire));
        Assert.Equal(TlsVersion.All, TlsVersion.All.OrderBy(static version => version.Number, StringComparer.Ordinal));
        Assert.All(TlsVersion.All, static version => Assert.Equal(version, TlsVersion.Find(version.Protocol)));
        Assert.Equal(TlsVersion.All.Count, TlsVersion.All.Select(static version => version.Protocol).Distinct().Count());
    }

    /// <summary>RFC 9325 section 3.1.1.</summary>
    [Fact]
    public void Recommended_IsTls12AndTls13() => Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, TlsVersion.Recommended);

    [Fact]
    public void EveryVersion_HasAnAnswerATagAndAName()
    {
        foreach (var version in TlsVersion.All)
        {
            var token = UpgradeTokenText.Parse(version.Token);
            Assert.Equal($"{version.Token}, HTTP/1.1", SwitchingProtocols.FieldValue(token));
            Assert.Contains(version.Token, System.Text.Encoding.ASCII.GetString(SwitchingProtocols.Response(token).Span));
            Assert.Equal(version.Protocol, UpgradeTokenText.ToVersions(token));
            Assert.Equal(version.Number, TagNames.Of(version.Protocol));
            Assert.Equal($"TLS {version.Number}", version.Name);
        }
    }

    [Theory]
    [InlineData(SslProtocols.None)]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13)]
    [InlineData((SslProtocols)1)]
    public void Find_OtherValues_IsNull(SslProtocols protocol) => Assert.Null(TlsVersion.Find(protocol));
}
