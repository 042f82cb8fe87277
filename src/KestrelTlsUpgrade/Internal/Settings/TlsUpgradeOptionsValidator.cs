using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Versions;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

internal sealed class TlsUpgradeOptionsValidator : IValidateOptions<TlsUpgradeOptions>
{
    private static readonly TimeSpan LongestFallback = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, TlsUpgradeOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        RequireDefined(options.DirectTls, nameof(options.DirectTls), result);
        RequireDefined(options.Offers, nameof(options.Offers), result);
        RequireDefined(options.Requirement, nameof(options.Requirement), result);
        RequireDefined(options.AcceptedClients, nameof(options.AcceptedClients), result);
        RequireDefined(options.Advertise, nameof(options.Advertise), result);
        RequireProducts(options.OffersFrom.Products, nameof(options.OffersFrom.Products), result);
        RequireProducts(options.OffersFrom.ExceptProducts, nameof(options.OffersFrom.ExceptProducts), result);
        if (options.FallbackLifetime < TimeSpan.Zero || options.FallbackLifetime > LongestFallback)
        {
            result.AddError($"{options.FallbackLifetime} is not between zero and a day.", nameof(options.FallbackLifetime));
        }

        if ((options.Https.SslProtocols & ~TlsVersion.Every) is var forbidden and not SslProtocols.None)
        {
            result.AddError(
                $"{forbidden} is not allowed (RFC 9325 section 3.1.1). Use Tls12, Tls13, or None for both.",
                $"{nameof(options.Https)}.{nameof(options.Https.SslProtocols)}");
        }

        return result.Build();
    }

    private static void RequireProducts(IEnumerable<string> products, string property, ValidateOptionsResultBuilder result)
    {
        foreach (var product in products.Where(static product => !Product.IsName(product)))
        {
            result.AddError($"'{product}' is not {Product.Expected}.", $"{nameof(TlsUpgradeOptions.OffersFrom)}.{property}");
        }
    }

    private static void RequireDefined<TEnum>(TEnum value, string property, ValidateOptionsResultBuilder result)
        where TEnum : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            result.AddError($"{value} is not a known value. Use {string.Join(", ", Enum.GetNames<TEnum>())}.", property);
        }
    }
}
