using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Report.Internal.Settings;

/// <summary>Rejects settings of the report that make no sense.</summary>
internal sealed class ReportOptionsValidator : IValidateOptions<TlsUpgradeReportOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsUpgradeReportOptions options)
    {
        var failures = new List<string>();
        foreach (var product in options.ExpectedProducts.Where(static product => !Product.IsName(product ?? "")))
        {
            failures.Add($"ExpectedProducts contains '{product}'. Use {Product.Expected}.");
        }

        if (options.AddressPolicy is { } policy && string.IsNullOrWhiteSpace(policy))
        {
            failures.Add("AddressPolicy is empty. Use the name of an authorization policy, or leave it out: then nobody sees addresses.");
        }

        if (options.Folder is { } folder && (string.IsNullOrWhiteSpace(folder) || folder.Contains('\0', StringComparison.Ordinal)))
        {
            failures.Add("Folder is not a path. Use that of a folder, or leave it out: then the counts do not survive a restart.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
