using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Tests.Settings;

public sealed class TlsUpgradeOptionsValidatorTests
{
    private readonly TlsUpgradeOptionsValidator _validator = new();

    [Fact]
    public void Validate_Defaults_Succeeds() => Assert.True(_validator.Validate(null, new TlsUpgradeOptions()).Succeeded);

    [Fact]
    public void Validate_EachDefinedValue_Succeeds()
    {
        foreach (var directTls in Enum.GetValues<DirectTlsMode>())
        {
            foreach (var clients in Enum.GetValues<TlsUpgradeClientMode>())
            {
                var options = new TlsUpgradeOptions { DirectTls = directTls, AcceptedClients = clients };

                Assert.True(_validator.Validate("any", options).Succeeded);
            }
        }
    }

    [Fact]
    public void Validate_UnknownDirectTls_FailsAndNamesItAndTheRemedy()
    {
        var result = _validator.Validate(null, new TlsUpgradeOptions { DirectTls = (DirectTlsMode)7 });

        var failure = Assert.Single(result.Failures!);
        Assert.Contains("DirectTls", failure, StringComparison.Ordinal);
        Assert.Contains("7", failure, StringComparison.Ordinal);
        Assert.Contains("Off, Http2Only, Any", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_UnknownAcceptedClients_FailsAndNamesItAndTheRemedy()
    {
        var result = _validator.Validate(null, new TlsUpgradeOptions { AcceptedClients = (TlsUpgradeClientMode)(-1) });

        var failure = Assert.Single(result.Failures!);
        Assert.Contains("AcceptedClients", failure, StringComparison.Ordinal);
        Assert.Contains("-1", failure, StringComparison.Ordinal);
        Assert.Contains("Compatible, AwareOnly", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_SeveralMistakes_NamesThemAll()
    {
        var options = new TlsUpgradeOptions { DirectTls = (DirectTlsMode)7, AcceptedClients = (TlsUpgradeClientMode)7 };

        Assert.Equal(2, _validator.Validate(null, options).Failures?.Count());
    }

    [Fact]
    public void Validate_UnknownAdvertise_FailsAndNamesItAndTheRemedy()
    {
        var result = _validator.Validate(null, new TlsUpgradeOptions { Advertise = (TlsUpgradeAdvertisement)3 });

        var failure = Assert.Single(result.Failures!);
        Assert.Contains("Advertise", failure, StringComparison.Ordinal);
        Assert.Contains("Never, OncePerConnection, EveryResponse", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((int)SslProtocols.Tls12)]
    [InlineData((int)(SslProtocols.Tls12 | SslProtocols.Tls13))]
    [InlineData(0xC0 | 0x300)]
    public void Validate_AllowedVersions_Succeeds(int versions) =>
        Assert.True(_validator.Validate(null, WithVersions(versions)).Succeeded);

    [Theory]
    [InlineData(0x0C)]
    [InlineData(0x30)]
    [InlineData(0x30 | (int)SslProtocols.Tls12)]
    [InlineData(0x10000)]
    public void Validate_ForbiddenVersions_FailsAndNamesTheRemedy(int versions)
    {
        var failure = Assert.Single(_validator.Validate(null, WithVersions(versions)).Failures!);
        Assert.StartsWith("Property Https.SslProtocols: ", failure, StringComparison.Ordinal);
        Assert.Contains("Use Tls12, Tls13, or None for both.", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("Tls12 is not allowed", failure, StringComparison.Ordinal);
    }

    private static TlsUpgradeOptions WithVersions(int versions) => new() { Https = { SslProtocols = (SslProtocols)versions } };
}
