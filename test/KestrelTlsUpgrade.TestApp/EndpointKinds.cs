using KestrelTlsUpgrade.TestApp.Components;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.Extensions.FileProviders;

namespace KestrelTlsUpgrade.TestApp;

/// <summary>Every kind of endpoint that ASP.NET Core has, with and without the requirement.</summary>
public static class EndpointKinds
{
    public static IReadOnlyList<EndpointKind> All { get; } =
    [
        new("Map, attribute on the handler", "/map/attribute"),
        new("Map, convention", "/map/convention"),
        new("Map of a RequestDelegate, convention", "/map/delegate"),
        new("Map, metadata of the application's own", "/map/own"),
        new("Map, short-circuited, convention", "/map/short-circuit"),
        new("MapGroup, convention on the group", "/group/plain"),
        new("MapGroup, revoked by attribute", "/group/revoked-by-attribute") { IsRequired = false },
        new("MapGroup, revoked by metadata", "/group/revoked-by-metadata") { IsRequired = false },
        new("MapFallback, convention", "/no/such/path"),
        new("Controller, attribute on the class", "/required/plain"),
        new("Controller, revoked on the action", "/required/revoked") { IsRequired = false },
        new("Controller, attribute on the action", "/open/required"),
        new("Controller, none", "/open/plain") { IsRequired = false },
        new("MapControllers, convention", "/all/open/plain"),
        new("MapControllers, convention, revoked on the action", "/all/required/revoked") { IsRequired = false },
        new("MapControllerRoute, attribute", "/conventional/Conventional/Required"),
        new("MapDynamicControllerRoute, attribute", "/dynamic/x"),
        new("MapFallbackToController, attribute", "/fallback-to-controller/x"),
        new("MapDynamicControllerRoute, metadata of the application's own", "/dynamic-own/x"),
        new("MapFallbackToController, metadata of the application's own", "/fallback-to-own/x"),
        new("Razor page, attribute on the model", "/pages/required"),
        new("Razor page, none", "/pages/open") { IsRequired = false },
        new("MapRazorPages, convention", "/all-pages/pages/open"),
        new("MapFallbackToPage, attribute on the model", "/fallback-to-page/x"),
        new("Razor component, attribute", "/component/required"),
        new("MapHub, attribute on the hub", "/hub/required/negotiate?negotiateVersion=1") { Method = "POST", Answer = "connectionId" },
        new("MapHub, convention", "/hub/convention/negotiate?negotiateVersion=1") { Method = "POST", Answer = "connectionId" },
        new("MapHub, convention on the group", "/group/hub/negotiate?negotiateVersion=1") { Method = "POST", Answer = "connectionId" },
        new("MapConnectionHandler, attribute on the handler", "/connection/negotiate?negotiateVersion=1")
        {
            Method = "POST",
            Answer = "connectionId",
        },
        new("MapHealthChecks, convention", "/health") { Answer = "Healthy" },
        new("MapStaticAssets, convention", "/assets/asset.txt") { Answer = "A static file." },
        new("MapGrpcService, attribute on the service", "/test.Echo/Echo") { Method = "POST", IsGrpc = true },
    ];

    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<HandlerCalls>();
        services.AddTransient<ToConventionalController>();
        services.AddControllersWithViews();
        services.AddRazorPages().ConfigureApplicationPartManager(AddParts);
        services.AddRazorComponents();
        services.AddSignalR();
        services.AddGrpc();
        services.AddHealthChecks().AddCheck<RecordingHealthCheck>("recording");
        services.AddAntiforgery();
    }

    public static void Map(WebApplication app)
    {
        app.Environment.WebRootFileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        app.UseAntiforgery();
        MapMinimal(app);
        MapMvc(app);
        app.MapRazorComponents<App>();
        app.MapHub<RequiredHub>("/hub/required");
        app.MapHub<OpenHub>("/hub/convention").RequireTlsUpgrade();
        app.MapConnectionHandler<RequiredConnectionHandler>("/connection");
        app.MapHealthChecks("/health").RequireTlsUpgrade();
        app.MapGroup("/assets").MapStaticAssets("KestrelTlsUpgrade.TestApp.staticwebassets.endpoints.json").RequireTlsUpgrade();
        app.MapGrpcService<RequiredGrpcService>();
    }

    private static void MapMinimal(WebApplication app)
    {
        app.MapGet("/map/attribute", [RequireTlsUpgrade] (HandlerCalls calls) => calls.Record());
        app.MapGet("/map/convention", (HandlerCalls calls) => calls.Record()).RequireTlsUpgrade();
        app.Map("/map/delegate", RunAsync).RequireTlsUpgrade();
        app.MapGet("/map/own", (HandlerCalls calls) => calls.Record()).WithMetadata(new OwnRequirementAttribute());
        app.MapGet("/map/short-circuit", (HandlerCalls calls) => calls.Record()).ShortCircuit().RequireTlsUpgrade();
        var group = app.MapGroup("/group").RequireTlsUpgrade();
        group.MapHub<OpenHub>("/hub");
        group.MapGet("/plain", (HandlerCalls calls) => calls.Record());
        group.MapGet("/revoked-by-attribute", [RequireTlsUpgrade(Required = false)] (HandlerCalls calls) => calls.Record());
        group.MapGet("/revoked-by-metadata", (HandlerCalls calls) => calls.Record())
            .WithMetadata(new RequireTlsUpgradeAttribute { Required = false });
        app.MapFallback(RunAsync).RequireTlsUpgrade();
    }

    private static void MapMvc(WebApplication app)
    {
        app.MapControllers();
        app.MapGroup("/all").MapControllers().RequireTlsUpgrade();
        app.MapControllerRoute("conventional", "conventional/{controller}/{action}");
        app.MapDynamicControllerRoute<ToConventionalController>("/dynamic/{**rest}", "Required");
        app.MapDynamicControllerRoute<ToConventionalController>("/dynamic-own/{**rest}", "Own");
        app.MapFallbackToController("/fallback-to-own/{**rest}", "Own", "Conventional");
        app.MapFallbackToController("/fallback-to-controller/{**rest}", "Required", "Conventional");
        app.MapRazorPages();
        app.MapGroup("/all-pages").MapRazorPages().RequireTlsUpgrade();
        app.MapFallbackToPage("/fallback-to-page/{**rest}", "/Required");
    }

    private static Task RunAsync(HttpContext context) =>
        context.Response.WriteAsync(context.RequestServices.GetRequiredService<HandlerCalls>().Record());

    private static void AddParts(ApplicationPartManager manager)
    {
        var assembly = typeof(EndpointKinds).Assembly;
        foreach (var part in ApplicationPartFactory.GetApplicationPartFactory(assembly).GetApplicationParts(assembly))
        {
            manager.ApplicationParts.Add(part);
        }
    }
}
