using IppPrinter;
using IppPrinter.Page;
using Microsoft.Extensions.Options;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseTlsUpgrade();
builder.Services.AddPrinter();
builder.Services.AddTlsUpgradeReport();

var app = builder.Build();
var printer = app.MapGroup("");
if (app.Services.GetRequiredService<IOptions<PrinterOptions>>().Value.RequireTls)
{
    printer.RequireTlsUpgrade();
}

printer.MapPrinter();
printer.MapPage();
app.MapTlsUpgradeReport("/tls");
app.Run();
