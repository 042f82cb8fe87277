using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Requiring.Attributes;

/// <summary>
/// Warns at start-up of each type and method with an attribute that requires TLS, if no endpoint carries it. The attribute has no effect
/// then, and its author relies on it.
/// </summary>
internal sealed partial class AttributeCheck(
    ApplicationAssemblies assemblies, ILoggerFactory loggers, EndpointDataSource? endpoints = null) : LifecycleService
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.Attributes);
    private Task _work = Task.CompletedTask;

    /// <summary>Runs in the background: start-up does not wait for it.</summary>
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        if (TypeDiscovery.IsSupported)
        {
            _work = Task.Run(Check, CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    public override Task StoppingAsync(CancellationToken cancellationToken) => _work.WaitAsync(cancellationToken);

    [RequiresUnreferencedCode("Types and methods of the application are searched.")]
    private void Check()
    {
        try
        {
            var marked = assemblies.Find().SelectMany(MarkedMembers.FindIn).ToArray();

            // Most applications have nothing to look for, so that their endpoints are created no earlier than for the first request.
            if (marked.Any(static member => MarkedKinds.Of(member) is not MarkedKind.Carried))
            {
                Check(marked, [.. (endpoints?.Endpoints ?? []).Select(static endpoint => new EndpointMembers(endpoint))]);
            }
        }
        catch (Exception exception)
        {
            // The application's own data sources and attributes are used. What fails here fails again where it matters.
            Log.NotChecked(_logger, exception);
        }
    }

    [RequiresUnreferencedCode("Types and methods of the application are searched.")]
    private void Check(MemberInfo[] marked, EndpointMembers[] all)
    {
        // Some frameworks do not name the type whose attributes they take. Such an endpoint may be that of any member.
        var isAnyUnexplained = all.Any(endpoint => endpoint.HasAttribute && !marked.Any(endpoint.Contains));
        foreach (var member in marked)
        {
            var (isCarried, advice) = MarkedKinds.Of(member) switch
            {
                MarkedKind.Component => (IsCarried(member) || IsFoundByRouterOnly((Type)member, all), "Call RequireTlsUpgrade() where the page that shows it is mapped."),
                MarkedKind.HubMethod => (IsCarried(member.DeclaringType!), "Put it on the hub, which requires TLS as a whole."),
                MarkedKind.PartOfPage => (IsOfRequiredPage(MarkedKinds.GetPageModel(member as Type ?? member.DeclaringType!)!), "Put it on the page model, which requires TLS as a whole."),
                MarkedKind.Other => (
                    IsCarried(member) || IsCarried(member.DeclaringType) || (isAnyUnexplained && !all.Any(endpoint => endpoint.Contains(member))),
                    "Call RequireTlsUpgrade() where it is mapped, or app.RequireTlsUpgrade() in the branch of the pipeline that serves it."),
                _ => (true, ""),
            };
            if (!isCarried)
            {
                Log.AttributeWithoutEffect(_logger, member is Type ? $"{member}" : $"{member.DeclaringType}.{member.Name}", advice);
            }
        }

        bool IsCarried(MemberInfo? member) =>
            member is not null && all.Any(endpoint => endpoint.IsMarked && endpoint.Contains(member));

        // Which page an endpoint belongs to is not known before the first request for it.
        bool IsOfRequiredPage(Type model) =>
            marked.Any(member => member is Type type && type.IsAssignableFrom(model))
            || all.Where(static endpoint => endpoint.Has<PageActionDescriptor>()).All(static endpoint => endpoint.IsMarked);
    }

    /// <summary>A page that only the router of interactive components knows is shown by circuits alone, which then require TLS.</summary>
    private static bool IsFoundByRouterOnly(Type component, EndpointMembers[] all) =>
        component.IsAbstract
        || (component.IsDefined(typeof(RouteAttribute), inherit: false) && all.Any(static endpoint => endpoint.Has<RootComponentMetadata>()));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Member} requires TLS by an attribute, but no endpoint carries it, so it has no effect. {Advice}", EventName = "AttributeWithoutEffect")]
        public static partial void AttributeWithoutEffect(ILogger logger, string member, string advice);

        [LoggerMessage(2, LogLevel.Debug, "Could not determine whether endpoints carry all attributes that require TLS.", EventName = "AttributesNotChecked")]
        public static partial void NotChecked(ILogger logger, Exception exception);
    }
}
