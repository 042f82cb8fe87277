using KestrelTlsUpgrade.Report.Internal.Settings;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Report.Internal;

/// <summary>Decides whether the report may show full addresses: to those who ask for them, and meet the policy for it.</summary>
internal sealed class AddressAccess(IOptions<TlsUpgradeReportOptions> options, IServiceProvider services)
{
    private const string Parameter = "addresses";

    /// <summary>Whether addresses are kept at all.</summary>
    public bool IsEnabled => options.Value.AddressPolicy is not null;

    /// <exception cref="OptionsValidationException">The policy does not exist.</exception>
    public async Task CheckAsync()
    {
        if (options.Value.AddressPolicy is not { } name)
        {
            return;
        }

        // A provider of the application may need services of a scope.
        await using var scope = services.CreateAsyncScope();
        var provider = scope.ServiceProvider.GetService<IAuthorizationPolicyProvider>();
        if (provider is null
            || scope.ServiceProvider.GetService<IPolicyEvaluator>() is null
            || await provider.GetPolicyAsync(name) is null)
        {
            throw new OptionsValidationException(
                Options.DefaultName,
                typeof(TlsUpgradeReportOptions),
                [
                    $"{ReportSection.Name}:{nameof(TlsUpgradeReportOptions.AddressPolicy)} is '{name}', and the application has no authorization policy of that name. "
                    + "Add it with builder.Services.AddAuthorizationBuilder().AddPolicy(...).",
                ]);
        }
    }

    public async ValueTask<bool> IsGrantedAsync(HttpContext context)
    {
        if (options.Value.AddressPolicy is not { } name || context.Request.Query[Parameter] is not ["true"])
        {
            return false;
        }

        var request = context.RequestServices;
        if (await request.GetRequiredService<IAuthorizationPolicyProvider>().GetPolicyAsync(name) is not { } policy)
        {
            return false;
        }

        var evaluator = request.GetRequiredService<IPolicyEvaluator>();
        var authentication = await evaluator.AuthenticateAsync(policy, context);
        return (await evaluator.AuthorizeAsync(policy, authentication, context, context)).Succeeded;
    }
}
