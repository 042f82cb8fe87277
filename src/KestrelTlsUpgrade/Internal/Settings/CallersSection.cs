using System.Diagnostics.CodeAnalysis;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.Extensions.Configuration;
using Reader = KestrelTlsUpgrade.Connections.Sections.SectionReader<KestrelTlsUpgrade.TlsUpgradeCallers>;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>The section <c>OffersFrom</c>: the callers whose offers are accepted. A list replaces that of an outer section.</summary>
internal static class CallersSection
{
    private static readonly Reader Settings = new(new()
    {
        [nameof(TlsUpgradeCallers.Networks)] = static (callers, setting, errors) =>
            Replace(callers.Networks, SettingValue.ReadNetworks(setting, errors)),
        [nameof(TlsUpgradeCallers.ExceptNetworks)] = static (callers, setting, errors) =>
            Replace(callers.ExceptNetworks, SettingValue.ReadNetworks(setting, errors)),
        [nameof(TlsUpgradeCallers.Products)] = static (callers, setting, errors) => Replace(callers.Products, ReadProducts(setting, errors)),
        [nameof(TlsUpgradeCallers.ExceptProducts)] = static (callers, setting, errors) =>
            Replace(callers.ExceptProducts, ReadProducts(setting, errors)),
    });

    public static void Read(IConfigurationSection section, TlsUpgradeCallers callers, List<string> errors) =>
        Settings.Read(section, callers, errors);

    private static List<string>? ReadProducts(IConfigurationSection setting, List<string> errors) =>
        SettingValue.ReadList<string>(setting, TryReadProduct, Product.Expected, errors);

    private static bool TryReadProduct(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return Product.IsName(text);
    }

    private static void Replace<T>(IList<T> list, List<T>? values)
    {
        if (values is null)
        {
            return;
        }

        list.Clear();
        foreach (var value in values)
        {
            list.Add(value);
        }
    }
}
