using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Hosting;

internal sealed class TlsUpgradeOptionsValidator : IValidateOptions<TlsUpgradeOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsUpgradeOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        RequireDefined(options.DirectTls, nameof(options.DirectTls), result);
        RequireDefined(options.AcceptedClients, nameof(options.AcceptedClients), result);
        RequireDefined(options.Advertise, nameof(options.Advertise), result);
        return result.Build();
    }

    private static void RequireDefined<TEnum>(TEnum value, string property, ValidateOptionsResultBuilder result)
        where TEnum : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            result.AddError($"{value} is not a value that it knows. Use {string.Join(", ", Enum.GetNames<TEnum>())}.", property);
        }
    }
}
