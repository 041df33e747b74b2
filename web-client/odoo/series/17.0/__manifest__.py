{
    "name": "POS card terminal through Caisse Relay",
    "summary": "Caisse-AP card terminals from the browser, never charged twice",
    "version": "17.0.1.0.0",
    "category": "Sales/Point of Sale",
    "license": "LGPL-3",
    "author": "Caisse Relay",
    "depends": ["point_of_sale"],
    "data": [
        "views/pos_payment_method_views.xml",
        "views/pos_payment_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "point_of_sale._assets_pos": [
            "pos_caisse_relay/static/src/**/*",
        ],
    },
}
