using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Tests.Settings;

public sealed class SettingsSectionTests
{
    [Theory]
    [InlineData("Enabled", "true", true)]
    [InlineData("enabled", "False", false)]
    [InlineData("DirectTls", "Off", DirectTlsMode.Off)]
    [InlineData("DirectTls", "Http2Only", DirectTlsMode.Http2Only)]
    [InlineData("directtls", "ANY", DirectTlsMode.Any)]
    [InlineData("Offers", "None", TlsUpgradeOffers.None)]
    [InlineData("Offers", "whererequired", TlsUpgradeOffers.WhereRequired)]
    [InlineData("Offers", "All", TlsUpgradeOffers.All)]
    [InlineData("ShareFallback", "true", true)]
    [InlineData("LogClientAddresses", "true", true)]
    [InlineData("Requirement", "Enforce", TlsUpgradeRequirement.Enforce)]
    [InlineData("requirement", "reportonly", TlsUpgradeRequirement.ReportOnly)]
    [InlineData("AcceptedClients", "Compatible", TlsUpgradeClientMode.Compatible)]
    [InlineData("AcceptedClients", "AwareOnly", TlsUpgradeClientMode.AwareOnly)]
    [InlineData("Advertise", "Never", TlsUpgradeAdvertisement.Never)]
    [InlineData("Advertise", "OncePerConnection", TlsUpgradeAdvertisement.OncePerConnection)]
    [InlineData("Advertise", "everyresponse", TlsUpgradeAdvertisement.EveryResponse)]
    [InlineData("StrictTokens", "true", true)]
    [InlineData("StrictTokens", "False", false)]
    [InlineData("AllowBehindProxy", "true", true)]
    [InlineData("AllowBehindProxy", "false", false)]
    [InlineData("PassOptionsAsterisk", "true", true)]
    [InlineData("PassOptionsAsterisk", "false", false)]
    [InlineData("TrustClientCertificateOnReplay", "true", true)]
    [InlineData("TrustClientCertificateOnReplay", "false", false)]
    [InlineData("AllowExpiredCertificate", "true", true)]
    [InlineData("AllowExpiredCertificate", "false", false)]
    [InlineData("RedirectBrowsers", "true", true)]
    [InlineData("RedirectBrowsers", "false", false)]
    public void Read_KnownSetting_IsTaken(string key, string value, object expected)
    {
        var options = Read((key, value));
        var property = typeof(TlsUpgradeOptions).GetProperties()
            .Single(property => property.Name.Equals(key, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(expected, property.GetValue(options));
    }

    [Fact]
    public void Read_Nothing_LeavesTheDefaults()
    {
        var (read, fresh) = (Read(), new TlsUpgradeOptions());
        foreach (var property in typeof(TlsUpgradeOptions).GetProperties().Where(property => property.Name is not ("Https" or "OffersFrom")))
        {
            Assert.Equal(property.GetValue(fresh), property.GetValue(read));
        }
    }

    /// <summary>Every option can be set in the configuration, but for those that are code, and Kestrel's own schema of https.</summary>
    [Fact]
    public void Keys_AreTheOptions() => Assert.Equal(
        typeof(TlsUpgradeOptions).GetProperties()
            .Where(static property => property.PropertyType != typeof(HttpsConnectionAdapterOptions)
                && property.PropertyType != typeof(TlsHandshakeCallbackOptions)
                && !property.PropertyType.IsSubclassOf(typeof(Delegate)))
            .Select(property => property.Name)
            .Concat(["Certificate", "Sni", "SslProtocols", "ClientCertificateMode", "HandshakeTimeout"])
            .Order(),
        AcceptedNames.At("?", static (section, errors) => SettingsSection.Read(section, new(), errors)).Order());

    [Theory]
    [InlineData("DirectTls", "On", "TlsUpgrade:DirectTls is 'On'. Use Off, Http2Only, Any.")]
    [InlineData("DirectTls", "2", "TlsUpgrade:DirectTls is '2'. Use Off, Http2Only, Any.")]
    [InlineData("DirectTls", "Off, Any", "TlsUpgrade:DirectTls is 'Off, Any'. Use Off, Http2Only, Any.")]
    [InlineData("DirectTls", "", "TlsUpgrade:DirectTls is ''. Use Off, Http2Only, Any.")]
    [InlineData("DirectTls:Mode", "Any", "TlsUpgrade:DirectTls is not a single value. Use Off, Http2Only, Any.")]
    [InlineData("AcceptedClients", "All", "TlsUpgrade:AcceptedClients is 'All'. Use Compatible, AwareOnly.")]
    [InlineData("Advertise", "Always", "TlsUpgrade:Advertise is 'Always'. Use Never, OncePerConnection, EveryResponse.")]
    [InlineData("StrictTokens", "yes", "TlsUpgrade:StrictTokens is 'yes'. Use true, false.")]
    [InlineData("RedirectBrowsers", "1", "TlsUpgrade:RedirectBrowsers is '1'. Use true, false.")]
    [InlineData("DirektTls", "Any", "TlsUpgrade:DirektTls is not a setting. Did you mean DirectTls?")]
    [InlineData("redirectbrowser", "true", "TlsUpgrade:redirectbrowser is not a setting. Did you mean RedirectBrowsers?")]
    [InlineData("Colour", "red", "TlsUpgrade:Colour is not a setting. Use Enabled, DirectTls, Offers, OffersFrom, FallbackLifetime, ShareFallback, LogClientAddresses, Requirement, AcceptedClients, ")]
    public void Read_WhatItCannotTake_FailsAndNamesPathAndRemedy(string key, string value, string message)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Read((key, value)));
        Assert.StartsWith(message, Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralErrors_AllNamed() =>
        Assert.Equal(2, Assert.Throws<OptionsValidationException>(() => Read(("DirectTls", "x"), ("y", "z"))).Failures.Count());

    private static TlsUpgradeOptions Read(params (string Key, string Value)[] settings)
    {
        var options = new TlsUpgradeOptions();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => $"TlsUpgrade:{setting.Key}", string? (setting) => setting.Value))
            .Build();
        new OptionsLayers.ConfiguredDefaults(configuration).Configure(options);
        return options;
    }
}
