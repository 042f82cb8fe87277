using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>
/// The layers of an endpoint's options that are made in code. They override the configuration: first the host's code, then the
/// endpoint's.
/// </summary>
internal sealed class CodeLayers<TOptions>(
    IEnumerable<IConfigureOptions<TOptions>> configureHost,
    IEnumerable<IPostConfigureOptions<TOptions>> postConfigure,
    IEnumerable<IValidateOptions<TOptions>> validate)
    where TOptions : class
{
    /// <param name="services">The application's services.</param>
    /// <param name="validate">The package's own validation, which precedes the application's.</param>
    public static CodeLayers<TOptions> Of(IServiceProvider services, params IEnumerable<IValidateOptions<TOptions>> validate) => new(
        services.GetServices<IConfigureOptions<TOptions>>(),
        services.GetServices<IPostConfigureOptions<TOptions>>(),
        [.. validate, .. services.GetServices<IValidateOptions<TOptions>>()]);

    /// <summary>Applies the layers to the options, and validates the result.</summary>
    /// <param name="options">The options, as the configuration sets them.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="configureEndpoint">The endpoint's code.</param>
    /// <returns>A message for each invalid setting.</returns>
    public string[] Apply(TOptions options, ListenOptions endpoint, IEnumerable<Action<TOptions>> configureEndpoint)
    {
        foreach (var configure in configureHost)
        {
            configure.Configure(options);
        }

        foreach (var configure in configureEndpoint)
        {
            configure(options);
        }

        foreach (var configure in postConfigure)
        {
            configure.PostConfigure(Options.DefaultName, options);
        }

        return
        [
            .. validate
                .Select(validator => validator.Validate(Options.DefaultName, options))
                .Where(static result => result.Failed)
                .SelectMany(static result => result.Failures!)
                .Select(failure => $"The endpoint {endpoint}: {failure}"),
        ];
    }
}
