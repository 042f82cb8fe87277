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
        [nameof(TlsUpgradeReportOptions.ExpectedProducts)] =
            Reader.List<string>(static options => options.ExpectedProducts, Product.TryRead, Product.Expected),
        [nameof(TlsUpgradeReportOptions.ExpectedNetworks)] = Reader.Networks(static options => options.ExpectedNetworks),
        [nameof(TlsUpgradeReportOptions.AddressPolicy)] = Reader.Text(static (options, value) => options.AddressPolicy = value),
        [nameof(TlsUpgradeReportOptions.Folder)] = Reader.Text(static (options, value) => options.Folder = value),
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
}
