using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.Extensions.Configuration;
using Reader = KestrelTlsUpgrade.Connections.Sections.SectionReader<KestrelTlsUpgrade.TlsUpgradeCallers>;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>The section <c>OffersFrom</c>: the callers whose offers are accepted. A list replaces that of an outer section.</summary>
internal static class CallersSection
{
    private static readonly Reader Settings = new(new()
    {
        [nameof(TlsUpgradeCallers.Networks)] = Reader.Networks(static callers => callers.Networks),
        [nameof(TlsUpgradeCallers.ExceptNetworks)] = Reader.Networks(static callers => callers.ExceptNetworks),
        [nameof(TlsUpgradeCallers.Products)] = Reader.List<string>(static callers => callers.Products, Product.TryRead, Product.Expected),
        [nameof(TlsUpgradeCallers.ExceptProducts)] = Reader.List<string>(static callers => callers.ExceptProducts, Product.TryRead, Product.Expected),
    });

    public static void Read(IConfigurationSection section, TlsUpgradeCallers callers, List<string> errors) =>
        Settings.Read(section, callers, errors);
}
