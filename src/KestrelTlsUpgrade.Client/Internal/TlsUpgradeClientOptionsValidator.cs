using System.Net.Security;
using KestrelTlsUpgrade.Client.Internal.Switching;
using KestrelTlsUpgrade.Internal.Versions;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>Validates all settings, so that the message lists every error.</summary>
internal sealed class TlsUpgradeClientOptionsValidator : IValidateOptions<TlsUpgradeClientOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsUpgradeClientOptions options)
    {
        var failures = Validate(options);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    public static List<string> Validate(TlsUpgradeClientOptions options)
    {
        var failures = new List<string>();
        Check(Enum.IsDefined(options.Mode), $"Mode is {options.Mode}, which is not a {nameof(TlsUpgradeMode)}.");
        Check(IsTimeout(options.UpgradeTimeout), $"UpgradeTimeout is {options.UpgradeTimeout}; it must be positive or infinite.");
        Check(IsLifetime(options.RefusalLifetime), $"RefusalLifetime is {options.RefusalLifetime}; it must not be negative unless infinite.");
        Check(IsLifetime(options.DemandLifetime), $"DemandLifetime is {options.DemandLifetime}; it must not be negative unless infinite.");
        Check(options.MaxUpgradeResponseHeadSize > 0, $"MaxUpgradeResponseHeadSize is {options.MaxUpgradeResponseHeadSize}; it must be positive.");
        Check(options.MaxUpgradeResponseContentSize >= 0, $"MaxUpgradeResponseContentSize is {options.MaxUpgradeResponseContentSize}; it must not be negative.");
        Check(options.MaxInterimResponses >= 0, $"MaxInterimResponses is {options.MaxInterimResponses}; it must not be negative.");
        Check(
            ProtocolOffer.Includes(options.SslOptions.ApplicationProtocols),
            $"SslOptions.ApplicationProtocols is {List(options.SslOptions.ApplicationProtocols)}; upgraded connections speak HTTP/1.1, and servers refuse a client that offers anything else (h2 above all).");
        Check(
            (TlsSettings.VersionsOf(options.SslOptions) & TlsVersion.Every) != 0,
            $"SslOptions.EnabledSslProtocols is {options.SslOptions.EnabledSslProtocols}, which no upgrade token names. Use Tls12, Tls13, or None for both.");
        Check(
            options.SslOptions.TargetHost is null,
            $"SslOptions.TargetHost is '{options.SslOptions.TargetHost}'; the server's name is always the host of the request's URI.");
        return failures;

        void Check(bool isRight, string failure)
        {
            if (!isRight)
            {
                failures.Add(failure);
            }
        }
    }

    private static bool IsTimeout(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan || (time > TimeSpan.Zero && time.TotalMilliseconds <= int.MaxValue);

    private static bool IsLifetime(TimeSpan time) => time == Timeout.InfiniteTimeSpan || time >= TimeSpan.Zero;

    private static string List(IEnumerable<SslApplicationProtocol>? protocols) => string.Join(", ", protocols ?? []);
}
