using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.SignalR;

namespace KestrelTlsUpgrade.Internal.Requiring.Attributes;

/// <summary>Recognises the kinds of ASP.NET Core.</summary>
internal static class MarkedKinds
{
    private const string GrpcAttribute = "Grpc.Core.BindServiceMethodAttribute";

    [RequiresUnreferencedCode("Types and methods of the application are searched.")]
    public static MarkedKind Of(MemberInfo member)
    {
        var type = member as Type ?? member.DeclaringType!;
        return member switch
        {
            // A lambda that is not mapped is not served either, unless it is middleware: the code that would map it may not have run.
            _ when IsGenerated(member) || IsGenerated(type) => MarkedKind.Carried,
            _ when IsController(type) || IsGrpcService(type) => MarkedKind.Carried,
            Type when GetPageModel(type) is { } model && model != type => MarkedKind.PartOfPage,
            Type when Is<Hub>(type) || Is<PageModel>(type) || Is<PageBase>(type) || Is<ConnectionHandler>(type) => MarkedKind.Carried,
            Type when Is<IComponent>(type) => MarkedKind.Component,
            not Type when Is<Hub>(type) => MarkedKind.HubMethod,
            not Type when GetPageModel(type) is not null => MarkedKind.PartOfPage,
            _ => MarkedKind.Other,
        };
    }

    /// <summary>
    /// Returns the class whose attributes count for a page: MVC takes those of the model, if that is a page model, and otherwise those of
    /// the page. Returns <see langword="null"/> if the type is neither.
    /// </summary>
    [RequiresUnreferencedCode("The model of a page is a property.")]
    public static Type? GetPageModel(Type type)
    {
        if (!Is<PageBase>(type))
        {
            return Is<PageModel>(type) ? type : null;
        }

        var model = type.GetProperty("Model")?.PropertyType;
        return model?.IsDefined(typeof(PageModelAttribute), inherit: true) is true ? model : type;
    }

    private static bool Is<T>(Type type) => type.IsAssignableTo(typeof(T));

    /// <summary>Whether the name is one that C# gives to lambdas, local functions and their classes.</summary>
    private static bool IsGenerated(MemberInfo member) => member.Name.Contains('<', StringComparison.Ordinal);

    /// <summary>As MVC recognises them.</summary>
    private static bool IsController(Type type) =>
        type.IsDefined(typeof(ControllerAttribute), inherit: true) || type.Name.EndsWith("Controller", StringComparison.OrdinalIgnoreCase);

    private static bool IsGrpcService(Type type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.CustomAttributes.Any(static attribute => attribute.AttributeType.FullName == GrpcAttribute))
            {
                return true;
            }
        }

        return false;
    }
}
