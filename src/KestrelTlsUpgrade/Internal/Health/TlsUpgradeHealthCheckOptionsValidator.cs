using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Health;

internal sealed class TlsUpgradeHealthCheckOptionsValidator : IValidateOptions<TlsUpgradeHealthCheckOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsUpgradeHealthCheckOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.CertificateReminder < TimeSpan.Zero)
        {
            result.AddError(
                $"{options.CertificateReminder} is negative. Use zero to report only expired certificates.", nameof(options.CertificateReminder));
        }

        // NaN is in no range.
        if (options.MaxFailureRate is not (>= 0 and <= 1))
        {
            result.AddError($"{options.MaxFailureRate} is not a rate. Use a number from 0 to 1.", nameof(options.MaxFailureRate));
        }

        if (options.MinHandshakes < 1)
        {
            result.AddError($"{options.MinHandshakes} is not a valid number of handshakes. Use at least 1.", nameof(options.MinHandshakes));
        }

        if (options.MinCallers < 1)
        {
            result.AddError($"{options.MinCallers} is not a valid number of callers. Use at least 1.", nameof(options.MinCallers));
        }

        return result.Build();
    }
}
