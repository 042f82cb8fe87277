using System.Diagnostics.CodeAnalysis;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Reader = KestrelTlsUpgrade.Connections.Sections.SectionReader<KestrelTlsUpgrade.Report.TlsUpgradeReportOptions>;

namespace KestrelTlsUpgrade.Report.Internal.Settings;

/// <summary>Applies the section <c>TlsUpgradeReport</c> of the configuration. A list replaces what was there before.</summary>
internal sealed class ReportSection(IConfiguration? configuration = null) : IConfigureOptions<TlsUpgradeReportOptions>
{
    public const string Name = "TlsUpgradeReport";

    private static readonly Reader Settings = new(new()
    {
        [nameof(TlsUpgradeReportOptions.ExpectedProducts)] = static (options, setting, errors) =>
            Replace(options.ExpectedProducts, SettingValue.ReadList<string>(setting, TryReadProduct, Product.Expected, errors)),
        [nameof(TlsUpgradeReportOptions.ExpectedNetworks)] = static (options, setting, errors) =>
            Replace(options.ExpectedNetworks, SettingValue.ReadNetworks(setting, errors)),
        [nameof(TlsUpgradeReportOptions.AddressPolicy)] = static (options, setting, errors) =>
            options.AddressPolicy = ReadText(setting, errors),
        [nameof(TlsUpgradeReportOptions.Folder)] = static (options, setting, errors) =>
            options.Folder = ReadText(setting, errors),
    });

    /// <summary>The keys of the settings.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <exception cref="OptionsValidationException">Settings are invalid. The exception lists all of them.</exception>
    public void Configure(TlsUpgradeReportOptions options)
    {
        if (configuration?.GetSection(Name) is not { } section)
        {
            return;
        }

        var errors = new List<string>();
        Settings.Read(section, options, errors);
        if (errors.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(TlsUpgradeReportOptions), errors);
        }
    }

    private static string? ReadText(IConfigurationSection setting, List<string> errors)
    {
        SettingValue.CheckText(setting, errors);
        return setting.Value;
    }

    private static bool TryReadProduct(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return Product.IsName(text);
    }

    private static void Replace<T>(IList<T> list, List<T>? values)
    {
        if (values is not null)
        {
            list.Clear();
            values.ForEach(list.Add);
        }
    }
}
